from django.urls import path

from .pages import drafting, reading, receiving, verbs

app_name = "documents"
HERE = "ban-lam-viec/van-ban/"
ONE = f"{HERE}<uuid:document_id>/"
urlpatterns = [
    path(HERE, reading.work, name="work"),
    path(f"{HERE}den/", reading.incoming, name="incoming"),
    path(f"{HERE}di/", reading.outgoing, name="outgoing"),
    path(f"{HERE}soan/", drafting.new, name="new"),
    path(f"{HERE}nhan/", receiving.receive, name="receive"),
    path(ONE, reading.one, name="one"),
    path(f"{ONE}sua/", drafting.edit, name="edit"),
    path(f"{ONE}trinh/", verbs.submit, name="submit"),
    path(f"{ONE}thong-qua/", verbs.pass_on, name="pass_on"),
    path(f"{ONE}gui-lai/", verbs.send_back, name="send_back"),
    path(f"{ONE}bo/", verbs.drop, name="drop"),
    path(f"{ONE}phat-hanh/", verbs.number, name="number"),
    path(f"{ONE}vao-so/", verbs.register, name="register"),
    path(f"{ONE}tra-lai/", verbs.refuse, name="refuse"),
    path(f"{ONE}chi-dao/", verbs.direct, name="direct"),
    path(f"{ONE}luu/", verbs.file_away, name="file_away"),
    path(f"{ONE}chuyen/", verbs.hand_down, name="hand_down"),
    path(f"{ONE}tien-do/", verbs.report, name="report"),
    path(f"{ONE}xong/", verbs.finish, name="finish"),
]
